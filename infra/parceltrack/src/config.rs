//! `parceltrack config`: what is set, and what can be.

use settings::Settings;

use crate::cli::ConfigArgs;

/// Without `--explain` the values in force, one a line; with it also what each key means.
pub(crate) fn config(settings: &Settings, args: &ConfigArgs) -> anyhow::Result<()> {
    let docs = settings::explain(Some(settings));
    if args.json {
        println!("{}", serde_json::to_string_pretty(&docs)?);
    } else if args.explain {
        print!("{}", settings::text(Some(settings)));
    } else {
        for doc in docs {
            println!("{} = {}", doc.key, doc.value.as_deref().unwrap_or("(not set)"));
        }
    }
    Ok(())
}
