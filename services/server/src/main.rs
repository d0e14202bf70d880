//! `hilum`: reads chest CT, finds and scores lung nodules, says on what evidence.

mod added_models;
mod cli;
mod commands;
mod gpu;
mod indication;
mod progress;
mod service;
mod settings;
mod speech_models;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // Before any call into libtorch: its CUDA part registers itself only while it is being loaded.
    gpu::load_cuda_backend();
    // Before any TLS: rustls wants one provider named for the whole process.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();

    let cli = cli::Cli::parse();
    telemetry::start(cli.verbose);
    match commands::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hilum: {error:#}");
            ExitCode::FAILURE
        }
    }
}
