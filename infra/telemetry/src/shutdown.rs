//! Ending in good order.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a shell reports for a process ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// A token that SIGINT or SIGTERM cancels; a second signal ends the process at once.
///
/// Must be called within a tokio runtime.
///
/// # Errors
/// When the operating system refuses the handlers.
pub fn on_signals() -> std::io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        let name = either(&mut interrupt, &mut terminate).await;
        tracing::info!(signal = name, "stopping; a second signal ends at once");
        cancelled.cancel();
        let name = either(&mut interrupt, &mut terminate).await;
        // Not a log line: there is no time to wait for the thread that writes those.
        eprintln!("{name}, the second signal: ending at once");
        std::process::exit(INTERRUPTED);
    });
    Ok(token)
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
