//! Megabytes per second of one core on generated notes: `cargo run --example throughput`.

use std::time::Instant;

use hilum_findings::read;

const NOTE: &str = "HISTORY: 65-year-old male, 45 pack-year smoking history, quit 8 years ago. Father died of lung cancer at 62. \
Denies hemoptysis, weight loss, chest pain or fever.\nFINDINGS: There is a solid spiculated nodule in the right upper lobe \
measuring 14 by 11 mm, series 3 image 87, unchanged since March 2023. Mild centrilobular emphysema in the upper lobes. The \
heart is normal in size and the mediastinal structures are unremarkable. No pleural effusion.\nIMPRESSION: 14 mm nodule in \
the right upper lobe. Recommend follow up CT in six months. Lung-RADS 4A.\n\n既往史：慢阻肺10年，吸烟40年，每日20支，已戒烟5年。\
影像所见：左肺上叶部分实性结节，长径16毫米，短径12毫米，实性成分约7毫米，边缘分叶，可见毛刺，未见钙化。双肺纹理清晰，气管及支气管\
通畅，纵隔居中，心影大小正常。未见胸腔积液。印象：左肺上叶结节，建议三个月后复查胸部CT。\n\n";

#[expect(clippy::print_stdout, reason = "the answer of an example")]
fn main() {
    for bytes in [100_000, 1_000_000, 10_000_000] {
        let text = NOTE.repeat(bytes / NOTE.len() + 1);
        let endless = "the lungs are clear and nothing else is seen ".repeat(bytes / 45 + 1);
        let digits = "7".repeat(bytes);
        for (name, text) in [
            ("notes", &text),
            ("no sentence end", &endless),
            ("only digits", &digits),
        ] {
            let start = Instant::now();
            let found = read(text, None);
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{name}: {:.1} MB in {seconds:.2} s, {:.2} MB/s, {} statements, {} nodules",
                text.len() as f64 / 1e6,
                text.len() as f64 / 1e6 / seconds,
                found.entities.len(),
                found.nodules.len()
            );
        }
    }
}
