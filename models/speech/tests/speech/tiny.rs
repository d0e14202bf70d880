//! A Whisper network of random weights in ggml form: what loads, stops, counts and joins can be tried without a real one.

/// Entries that whisper.cpp knows a multilingual vocabulary by, and those of them that are text.
const VOCABULARY: u32 = 51_865;
const TEXT: u32 = 50_257;
const MELS: u32 = 80;
const SPECTRUM: u32 = 201;

/// Sizes of a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) heads: u32,
    pub(crate) layers: u32,
    pub(crate) text_positions: u32,
}

/// As small as tests want it.
pub(crate) const TINY: Size = Size {
    width: 32,
    heads: 2,
    layers: 2,
    text_positions: 64,
};

/// The file of a network.
pub(crate) fn model(size: Size) -> Vec<u8> {
    let mut file = Writer {
        bytes: Vec::new(),
        state: 1,
    };
    let Size {
        width,
        heads,
        layers,
        text_positions,
    } = size;
    file.numbers(&[0x6767_6D6C, VOCABULARY, 1500, width, heads, layers]);
    file.numbers(&[text_positions, width, heads, layers, MELS, 1]);
    file.numbers(&[MELS, SPECTRUM]);
    for k in 0..MELS * SPECTRUM {
        let (band, bin) = (k / SPECTRUM, k % SPECTRUM);
        let weight: f32 = if bin / 2 == band { 0.02 } else { 0.0 };
        file.bytes.extend(weight.to_le_bytes());
    }
    file.numbers(&[TEXT]);
    // Characters of three bytes, cut after every two, and words with the space before them.
    let chinese: Vec<u8> = "右肺上叶结节毫米".repeat(2).into_bytes();
    for k in 0..TEXT as usize {
        let word = format!(" w{k}");
        let token: &[u8] = match k % 3 {
            0 => chinese.chunks(2).nth(k / 3 % 24).unwrap_or(b"x"),
            1 => word.as_bytes(),
            _ => b"ule",
        };
        file.numbers(&[token.len() as u32]);
        file.bytes.extend(token);
    }
    file.tensors(width, layers, text_positions);
    file.bytes
}

struct Writer {
    bytes: Vec<u8>,
    state: u64,
}

impl Writer {
    fn numbers(&mut self, numbers: &[u32]) {
        self.bytes
            .extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn random(&mut self) -> f32 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 40) as f32 / (1 << 24) as f32 - 0.5
    }

    /// Sides in the order of ggml: the innermost first.
    fn tensor(&mut self, name: &str, sides: &[u32]) {
        // Matrices and convolutions have 16 bits, as in the official files.
        let halves = name.ends_with("weight") && sides.len() > 1;
        self.numbers(&[sides.len() as u32, name.len() as u32, u32::from(halves)]);
        self.numbers(sides);
        self.bytes.extend(name.as_bytes());
        let bias = name.ends_with("bias");
        let norm = name.contains("ln") && name.ends_with("weight");
        for _ in 0..sides.iter().product::<u32>() {
            let weight = if norm {
                1.0
            } else if bias {
                0.0
            } else {
                0.4 * self.random()
            };
            if halves {
                self.bytes.extend(half(weight).to_le_bytes());
            } else {
                self.bytes.extend(weight.to_le_bytes());
            }
        }
    }

    fn layer(&mut self, prefix: &str, inputs: u32, outputs: u32, bias: bool) {
        self.tensor(&format!("{prefix}.weight"), &[inputs, outputs]);
        if bias {
            self.tensor(&format!("{prefix}.bias"), &[outputs]);
        }
    }

    fn norm(&mut self, prefix: &str, width: u32) {
        self.tensor(&format!("{prefix}.weight"), &[width]);
        self.tensor(&format!("{prefix}.bias"), &[width]);
    }

    fn attention(&mut self, prefix: &str, width: u32) {
        self.norm(&format!("{prefix}_ln"), width);
        self.layer(&format!("{prefix}.query"), width, width, true);
        self.layer(&format!("{prefix}.key"), width, width, false);
        self.layer(&format!("{prefix}.value"), width, width, true);
        self.layer(&format!("{prefix}.out"), width, width, true);
    }

    fn tensors(&mut self, width: u32, layers: u32, text_positions: u32) {
        self.tensor("encoder.positional_embedding", &[width, 1500]);
        for (conv, inputs) in [("conv1", MELS), ("conv2", width)] {
            self.tensor(&format!("encoder.{conv}.weight"), &[3, inputs, width]);
            self.tensor(&format!("encoder.{conv}.bias"), &[1, width]);
        }
        self.norm("encoder.ln_post", width);
        self.tensor("decoder.positional_embedding", &[width, text_positions]);
        self.layer("decoder.token_embedding", width, VOCABULARY, false);
        self.norm("decoder.ln", width);
        for side in ["encoder", "decoder"] {
            for layer in 0..layers {
                let block = format!("{side}.blocks.{layer}");
                self.norm(&format!("{block}.mlp_ln"), width);
                self.layer(&format!("{block}.mlp.0"), width, 4 * width, true);
                self.layer(&format!("{block}.mlp.2"), 4 * width, width, true);
                self.attention(&format!("{block}.attn"), width);
                if side == "decoder" {
                    self.attention(&format!("{block}.cross_attn"), width);
                }
            }
        }
    }
}

/// A number as IEEE 754 binary16, cut and not rounded; what is too small is zero.
fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let exponent = (bits >> 23 & 0xFF) as i32 - 127 + 15;
    let magnitude = if exponent <= 0 {
        0
    } else {
        (exponent as u32) << 10 | bits >> 13 & 0x3FF
    };
    (bits >> 16 & 0x8000 | magnitude) as u16
}
