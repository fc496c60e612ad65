//! The archive that Apicurio imports: what its own export would have written.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Write};

use event_codec::contract;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Wanted;

/// The archive of these schemas: each is one content with its id, and one version of each subject that uses it.
pub(super) fn of(wanted: &BTreeMap<u32, Wanted>) -> io::Result<Vec<u8>> {
    let mut archive = Archive { zip: ZipWriter::new(Cursor::new(Vec::new())) };
    archive.add("parceltrack.Manifest.json", &manifest())?;
    let mut texts = BTreeSet::new();
    for (id, schema) in wanted {
        let mut text = schema.json.clone();
        // Two ids of schemas that differ in their comments only are one text here; a blank keeps them apart.
        while !texts.insert(text.clone()) {
            text.push(' ');
        }
        archive.content(*id, &text)?;
    }
    let mut subjects: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (id, schema) in wanted {
        for subject in &schema.subjects {
            subjects.entry(subject).or_default().push(*id);
        }
    }
    // Versions are numbered over all subjects, apart from contents.
    let mut global_id = 0;
    for (subject, ids) in subjects {
        global_id = archive.subject(subject, &ids, global_id)?;
    }
    Ok(archive.zip.finish()?.into_inner())
}

struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    fn content(&mut self, id: u32, text: &str) -> io::Result<()> {
        let hash = format!("{:x}", Sha256::digest(text.as_bytes()));
        let about = json!({
            "contentId": id, "canonicalHash": hash, "contentHash": hash, "artifactType": "AVRO",
            "contentType": "application/json", "serializedReferences": null,
        });
        self.add(&format!("content/{hash}.Content.json"), &about)?;
        self.add_bytes(&format!("content/{hash}.Content.data"), text.as_bytes())
    }

    fn subject(&mut self, subject: &str, ids: &[u32], mut global_id: u32) -> io::Result<u32> {
        let folder = format!("groups/default/artifacts/{subject}");
        let artifact = json!({ "groupId": null, "artifactId": subject, "artifactType": "AVRO" });
        self.add(&format!("{folder}/MetaData.Artifact.json"), &stamped(artifact))?;
        for (n, id) in ids.iter().enumerate() {
            global_id += 1;
            let number = (n + 1).to_string();
            let version = json!({
                "globalId": global_id, "groupId": null, "artifactId": subject, "version": number,
                "versionOrder": n + 1, "state": "ENABLED", "contentId": id,
            });
            self.add(&format!("{folder}/versions/{number}.ArtifactVersion.json"), &stamped(version))?;
        }
        if let Some(level) = level_of(subject) {
            let rule = json!({
                "groupId": null, "artifactId": subject, "type": "COMPATIBILITY", "configuration": level,
            });
            self.add(&format!("{folder}/rules/COMPATIBILITY.ArtifactRule.json"), &rule)?;
        }
        let versions: Vec<String> = (1..=ids.len()).map(|n| n.to_string()).collect();
        let branch = json!({
            "groupId": null, "artifactId": subject, "branchId": "latest", "systemDefined": true, "versions": versions,
        });
        self.add(&format!("{folder}/branches/latest.Branch.json"), &stamped(branch))?;
        Ok(global_id)
    }

    fn add(&mut self, name: &str, value: &Value) -> io::Result<()> {
        self.add_bytes(name, value.to_string().as_bytes())
    }

    fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)
    }
}

fn manifest() -> Value {
    json!({
        "systemName": "ParcelTrack", "systemDescription": "schemas found in use in the topics", "systemVersion": "3",
        "exportVersion": "3.0", "exportedOn": 0, "exportedBy": "", "dbVersion": "101",
    })
}

/// What Apicurio keeps of everything: who and when, which nobody knows any more.
fn stamped(mut value: Value) -> Value {
    if let Value::Object(object) = &mut value {
        for empty in ["owner", "modifiedBy"] {
            object.insert(empty.to_owned(), json!(""));
        }
        for zero in ["createdOn", "modifiedOn"] {
            object.insert(zero.to_owned(), json!(0));
        }
        object.insert("description".to_owned(), Value::Null);
    }
    value
}

/// The rule of a subject that is one of ours, in whichever installation.
fn level_of(subject: &str) -> Option<&'static str> {
    let ours = contract::all().iter().find(|c| subject.ends_with(&format!(".{}-value", c.topic_suffix())));
    ours.map(|c| c.level().as_str())
}
