//! `hilum-decode`: decodes frames that come over standard input, or with the word `recording` one recording. Started by
//! `hilum`, of no use to people.

use std::process::ExitCode;

use hilum_decoder::recording::{self, RECORDING};

fn main() -> ExitCode {
    let mut sandbox = match hilum_decoder::sandbox::enter() {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("hilum-decode: {error}");
            return ExitCode::from(hilum_decoder::sandbox::NO_SANDBOX);
        }
    };
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let outcome = if std::env::args_os().nth(1).is_some_and(|word| word == RECORDING) {
        recording::child::run(&mut input, &mut output, &mut sandbox)
    } else {
        hilum_decoder::child::run(&mut input, &mut output, &mut sandbox)
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hilum-decode: {error}");
            ExitCode::FAILURE
        }
    }
}
