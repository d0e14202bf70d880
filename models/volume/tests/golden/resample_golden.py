"""Golden values of trilinear resampling: torch.nn.functional.interpolate(mode="trilinear", align_corners=False).

usage: resample_golden.py > resample_torch.txt
The array is [slice 4][row 5][column 6] with column, row and slice spacing 0.75, 0.8 and 2 mm; new spacings divide its
extents of 4.5, 4 and 8 mm, where torch's grid is the one that keeps the field of view.
"""
import torch

k, j, i = torch.meshgrid(torch.arange(4), torch.arange(5), torch.arange(6), indexing="ij")
source = ((7 * k * k + 15 * j + 11 * i * i * j + 3 * k * i) % 100).float()[None, None]
print(f"# torch {torch.__version__}; new column, row and slice spacing in mm: voxels [slice][row][column]")
for column, row, slice_ in [(0.5, 0.8, 1.6), (1.5, 1.0, 2.0), (0.9, 0.5, 1.0)]:
    size = [round(8 / slice_), round(4 / row), round(4.5 / column)]
    out = torch.nn.functional.interpolate(source, size=size, mode="trilinear", align_corners=False)
    print(f"{column} {row} {slice_}:", " ".join(f"{value:.5f}" for value in out.flatten().tolist()))
