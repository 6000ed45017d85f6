//! The command line; everything else is in the library.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    shared_office::cli::run().await
}
