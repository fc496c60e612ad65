//! `parceltrack config`: what is set, and what can be; here, and in the config topic.

mod topic;

use std::io::{ErrorKind, Write};

use settings::Settings;

use crate::cli::ConfigArgs;
use crate::remote::Remote;

/// Without a subcommand what counts here: without `--explain` the values in force, one a line; with it also what each key means.
pub(crate) async fn config(settings: &Settings, args: &ConfigArgs) -> anyhow::Result<()> {
    if let Some(command) = &args.command {
        let service = Remote::find(args.gateway.as_ref(), settings)?;
        return topic::run(&service, command, args.json).await;
    }
    let docs = settings::explain(Some(settings));
    let text = if args.json {
        serde_json::to_string_pretty(&docs)? + "\n"
    } else if args.explain {
        settings::text(Some(settings))
    } else {
        let value = |doc: &settings::KeyDoc| doc.value.clone().unwrap_or_else(|| "(not set)".to_owned());
        docs.iter().map(|doc| [doc.key, " = ", &value(doc), "\n"].concat()).collect::<String>()
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // `parceltrack config | head` has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
