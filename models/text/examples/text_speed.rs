//! Time of a text of 128 tokens through the shipped encoder.
//! `cargo run -p hilum-text --example text_speed [THREADS]`

use std::time::Instant;

use tch::Device;

#[expect(clippy::print_stdout, reason = "what it prints is what it is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads: i32 = std::env::args().nth(1).map_or(Ok(2), |text| text.parse())?;
    tch::set_num_threads(threads);
    let weights = hilum_weights::load("text")?;
    let encoder = hilum_text::TextEncoder::from_packed(weights.bytes, Device::Cpu)?;
    let sentence = "There is a solid spiculated nodule in the right upper lobe. ";
    let mut text = sentence.repeat(40);
    let tokens = encoder.encode(&text)?.tokens;
    // With the two special ones the window has 128.
    text.truncate(tokens[125].end);
    assert_eq!(encoder.encode(&text)?.tokens.len(), 126);
    let mut times: Vec<f64> = (0..200)
        .map(|_| {
            let start = Instant::now();
            encoder
                .encode(&text)
                .map(|_| start.elapsed().as_secs_f64() * 1000.0)
        })
        .collect::<Result<_, _>>()?;
    times.sort_by(f64::total_cmp);
    println!(
        "128 tokens, {threads} threads: median {:.2} ms, 95 % {:.2} ms",
        times[100], times[190]
    );
    Ok(())
}
