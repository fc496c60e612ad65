//! Writing to the config topic, with everything that was decided on still true.

use audit::AuditRecord;
use event_log::{Kafka, Outgoing, SoleWriter, Topics, WriteError};
use serde_json::json;

use crate::edit::Edit;
use crate::history::History;

/// Writes to the config topic, and to the audit topic what it wrote. Cheap to clone; clones take turns.
#[derive(Clone)]
pub struct Writer {
    writer: SoleWriter,
    topics: Topics,
}

impl Writer {
    /// Writes to these topics.
    pub fn new(kafka: Kafka, topics: Topics) -> Self {
        Self { writer: SoleWriter::new(kafka, topics.config.clone()), topics }
    }

    /// Lets `decide` see the whole history, and writes the edits that it returns, all or none, each with an audit record that names
    /// `who` asked for it. Returns the history with them.
    ///
    /// `decide` may be called several times: when somebody else wrote in between.
    ///
    /// # Errors
    /// When `decide` refuses, or Kafka can't be read or written.
    pub async fn write<R: Send + 'static>(
        &self,
        who: &str,
        mut decide: impl FnMut(&History) -> Result<Vec<Edit>, R> + Send + 'static,
    ) -> Result<History, WriteError<R>> {
        let (topics, who) = (self.topics.clone(), who.to_owned());
        let decide = move |history: &History| {
            let edits = decide(history)?;
            Ok(edits.iter().flat_map(|edit| records(&topics, edit, &who)).collect())
        };
        self.writer.write(decide).await
    }
}

/// The edit, and that somebody made it. What was set the config topic has, and a secret belongs nowhere else.
fn records(topics: &Topics, edit: &Edit, who: &str) -> [Outgoing; 2] {
    let action = if edit.setting.is_some() { "config.set" } else { "config.delete" };
    let detail = json!({ "author": edit.author, "reason": edit.reason });
    let told = AuditRecord::now(who, action, edit.key.to_string(), detail);
    [edit.to_record(&topics.config), audit::record(topics, &told)]
}
