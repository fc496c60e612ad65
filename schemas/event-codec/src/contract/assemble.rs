//! One self-contained schema from many files: each record is spelled out where it is first met and named after that,
//! as Avro wants it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Error;

/// The schema of `root`, with all records it needs in it. The text is the same for the same files, always: the
/// registry compares texts.
pub(super) fn self_contained(
    root: &str,
    file: &dyn Fn(&str) -> Option<&'static str>,
) -> Result<String, Error> {
    let mut assembly = Assembly { file, done: BTreeSet::new() };
    let schema = assembly.named(root)?;
    Ok(sorted(&schema).to_string())
}

pub(super) fn full_name(name: &str, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) if !name.contains('.') && !namespace.is_empty() => format!("{namespace}.{name}"),
        _ => name.to_owned(),
    }
}

const PRIMITIVES: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

struct Assembly<'a> {
    file: &'a dyn Fn(&str) -> Option<&'static str>,
    done: BTreeSet<String>,
}

impl Assembly<'_> {
    fn named(&mut self, name: &str) -> Result<Value, Error> {
        let invalid = |reason: String| Error::InvalidSchema { name: name.to_owned(), reason };
        if !self.done.insert(name.to_owned()) {
            return Ok(Value::String(name.to_owned()));
        }
        let text = (self.file)(name).ok_or_else(|| invalid("no file defines it".to_owned()))?;
        let mut definition: Value = serde_json::from_str(text).map_err(|e| invalid(e.to_string()))?;
        let object =
            definition.as_object_mut().ok_or_else(|| invalid("its file holds no object".to_owned()))?;
        let namespace = object.get("namespace").and_then(Value::as_str).map(str::to_owned);
        let own_name = object.get("name").and_then(Value::as_str).unwrap_or_default();
        if full_name(own_name, namespace.as_deref()) != name {
            return Err(invalid(format!("its file defines {own_name}")));
        }
        for field in object.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(kind) = field.get_mut("type") {
                *kind = self.inlined(kind.take(), namespace.as_deref())?;
            }
        }
        Ok(definition)
    }

    fn inlined(&mut self, kind: Value, namespace: Option<&str>) -> Result<Value, Error> {
        match kind {
            Value::String(name) if PRIMITIVES.contains(&name.as_str()) => Ok(Value::String(name)),
            Value::String(name) => self.named(&full_name(&name, namespace)),
            Value::Array(members) => members
                .into_iter()
                .map(|m| self.inlined(m, namespace))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::Object(mut object) => {
                for part in ["items", "values"] {
                    if let Some(inner) = object.get_mut(part) {
                        *inner = self.inlined(inner.take(), namespace)?;
                    }
                }
                Ok(Value::Object(object))
            }
            other => Ok(other),
        }
    }
}

/// Keys in alphabetical order, whatever map `serde_json` was built with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let ordered: BTreeMap<&String, Value> = object.iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(ordered.into_iter().map(|(k, v)| (k.clone(), v)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
