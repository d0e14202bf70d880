//! `hilum-decode`: decodes frames that come over standard input. Started by `hilum`, of no use to people.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut sandbox = match hilum_decoder::sandbox::enter() {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("hilum-decode: {error}");
            return ExitCode::from(hilum_decoder::sandbox::NO_SANDBOX);
        }
    };
    match hilum_decoder::child::run(
        &mut std::io::stdin().lock(),
        &mut std::io::stdout().lock(),
        &mut sandbox,
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hilum-decode: {error}");
            ExitCode::FAILURE
        }
    }
}
