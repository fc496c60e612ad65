//! Avro's schema resolution, walked field by field. apache-avro judges the leaves; the walk is ours, because its own
//! neither says where it stopped nor follows a name to its definition when two schemas define it in different places.

use std::collections::HashSet;
use std::mem::discriminant;

use apache_avro::Schema;
use apache_avro::schema::{EnumSchema, RecordSchema, ResolvedSchema, UnionSchema};
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};

/// Where reading fails, and why.
type Obstacle = (String, String);

pub(super) struct Reading<'s> {
    reader_names: &'s ResolvedSchema<'s>,
    writer_names: &'s ResolvedSchema<'s>,
    /// Records already walked: each is judged once, which also ends recursive types.
    walked: HashSet<(String, String)>,
}

impl<'s> Reading<'s> {
    pub(super) fn new(reader_names: &'s ResolvedSchema<'s>, writer_names: &'s ResolvedSchema<'s>) -> Self {
        Self { reader_names, writer_names, walked: HashSet::new() }
    }

    /// The first field that a reader of `reader` can't read from what `writer` wrote.
    pub(super) fn obstacle(&mut self, writer: &'s Schema, reader: &'s Schema) -> Option<Obstacle> {
        let path = reader.name().map_or_else(String::new, |n| n.name().to_owned());
        self.at(&path, writer, reader)
    }

    fn at(&mut self, path: &str, writer: &'s Schema, reader: &'s Schema) -> Option<Obstacle> {
        let (writer, reader) = (defined(writer, self.writer_names), defined(reader, self.reader_names));
        match (writer, reader) {
            (Schema::Union(w), Schema::Union(r)) => w.variants().iter().find_map(|w| self.member(path, w, r)),
            (Schema::Union(w), _) => w.variants().iter().find_map(|w| self.at(path, w, reader)),
            (_, Schema::Union(r)) => self.member(path, writer, r),
            (Schema::Record(w), Schema::Record(r)) => self.record(path, w, r),
            (Schema::Array(w), Schema::Array(r)) => self.at(&format!("{path}[]"), &w.items, &r.items),
            (Schema::Map(w), Schema::Map(r)) => self.at(&format!("{path}{{}}"), &w.types, &r.types),
            (Schema::Enum(w), Schema::Enum(r)) => symbols(path, w, r),
            _ => leaf(path, writer, reader),
        }
    }

    /// A union's member on the writer's side must be one of the reader's.
    fn member(&mut self, path: &str, writer: &'s Schema, readers: &'s UnionSchema) -> Option<Obstacle> {
        let writer = defined(writer, self.writer_names);
        let readers: Vec<&Schema> =
            readers.variants().iter().map(|r| defined(r, self.reader_names)).collect();
        let same_name = readers.iter().find(|r| r.name().is_some() && r.name() == writer.name());
        if let Some(reader) = same_name {
            let name = reader.name().map_or("", |n| n.name());
            let optional = readers.len() == 2 && readers.iter().any(|r| matches!(r, Schema::Null));
            let within = if optional { path.to_owned() } else { format!("{path}.{name}") };
            return self.at(&within, writer, reader);
        }
        if readers.iter().any(|r| r.name().is_none() && self.at(path, writer, r).is_none()) {
            return None;
        }
        Some((path.to_owned(), format!("the reader's union has no member for {}", called(writer))))
    }

    fn record(&mut self, path: &str, writer: &'s RecordSchema, reader: &'s RecordSchema) -> Option<Obstacle> {
        if writer.name != reader.name {
            return Some((path.to_owned(), format!("written as {}, read as {}", writer.name, reader.name)));
        }
        if !self.walked.insert((writer.name.to_string(), reader.name.to_string())) {
            return None;
        }
        reader.fields.iter().find_map(|field| {
            let path = format!("{path}.{}", field.name);
            let written =
                writer.fields.iter().find(|w| w.name == field.name || field.aliases.contains(&w.name));
            match written {
                Some(written) => self.at(&path, &written.schema, &field.schema),
                None if field.default.is_some() => None,
                None => Some((
                    path,
                    "the writer has no such field, and the reader has no default for it".to_owned(),
                )),
            }
        })
    }
}

fn defined<'s>(schema: &'s Schema, names: &ResolvedSchema<'s>) -> &'s Schema {
    match schema {
        Schema::Ref { name } => names.get_names().get(name).copied().unwrap_or(schema),
        other => other,
    }
}

fn symbols(path: &str, writer: &EnumSchema, reader: &EnumSchema) -> Option<Obstacle> {
    if writer.name != reader.name {
        return Some((path.to_owned(), format!("written as {}, read as {}", writer.name, reader.name)));
    }
    let unknown = writer.symbols.iter().find(|s| !reader.symbols.contains(s));
    unknown
        .filter(|_| reader.default.is_none())
        .map(|s| (path.to_owned(), format!("the reader has no symbol {s}, and no default")))
}

fn leaf(path: &str, writer: &Schema, reader: &Schema) -> Option<Obstacle> {
    let fits = matches!(SchemaCompatibility::can_read(writer, reader), Ok(Compatibility::Full));
    // Avro ignores logical types here, and would read milliseconds as microseconds.
    let other_unit = is_time(writer) && is_time(reader) && discriminant(writer) != discriminant(reader);
    if fits && !other_unit {
        return None;
    }
    Some((path.to_owned(), format!("written as {}, read as {}", called(writer), called(reader))))
}

fn is_time(schema: &Schema) -> bool {
    matches!(
        schema,
        Schema::Date
            | Schema::TimeMillis
            | Schema::TimeMicros
            | Schema::TimestampMillis
            | Schema::TimestampMicros
            | Schema::TimestampNanos
            | Schema::LocalTimestampMillis
            | Schema::LocalTimestampMicros
            | Schema::LocalTimestampNanos
    )
}

fn called(schema: &Schema) -> String {
    match (schema.name(), schema) {
        (Some(name), _) => name.to_string(),
        (None, Schema::Union(_)) => "a union".to_owned(),
        (None, Schema::Array(_)) => "an array".to_owned(),
        (None, Schema::Map(_)) => "a map".to_owned(),
        (None, Schema::Date) => "a date".to_owned(),
        (None, Schema::TimestampMillis) => "a timestamp in milliseconds".to_owned(),
        (None, Schema::TimestampMicros) => "a timestamp in microseconds".to_owned(),
        (None, Schema::Uuid(_)) => "a uuid".to_owned(),
        (None, leaf) => leaf.canonical_form().replace('"', ""),
    }
}
