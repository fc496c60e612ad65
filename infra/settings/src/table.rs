//! From one declarative table: the structs, the list of keys, and how each is loaded and shown.

use crate::checks::Rule;
use crate::sources::ENV_PREFIX;

/// By which a process is told from the others: two with the same would fence each other off.
const OF_ONE_PROCESS: [&str; 5] = [
    "command_handler.instance",
    "projector.instance",
    "command_api.instance_id",
    "discovery.instance",
    "discovery.host",
];

/// The sections of what is needed before the config topic can be read, or says who may write it: an operator, who may, must not
/// become an admin by it.
const BOOTSTRAP: [&str; 5] = ["kafka", "config", "auth", "client", "local_stack"];

/// Where passwords and personal data are sent, and whom the database shows it to. An operator, who may write the config topic, sees
/// neither, and so mustn't send them elsewhere.
const DESTINATIONS: [&str; 5] = ["cql.nodes", "cql.tls", "cql.grant_read", "cql.grant_write", "registry.url"];

/// What the table says of one key.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each follows from the key's type, and none from another")]
pub(crate) struct Key {
    /// `section.name`.
    pub(crate) path: &'static str,
    pub(crate) section: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) type_name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) rule: Rule,
    pub(crate) secret: bool,
    pub(crate) file_form: bool,
    pub(crate) entries: bool,
    pub(crate) live: bool,
    pub(crate) local: bool,
    pub(crate) alias: Option<&'static str>,
}

impl Key {
    /// `PARCELTRACK_SECTION_KEY`.
    pub(crate) fn env(&self) -> String {
        format!("{ENV_PREFIX}{}", self.path.replace('.', "_").to_ascii_uppercase())
    }

    /// `section.key_file`, where the key has that form.
    pub(crate) fn file_key(&self) -> Option<String> {
        self.file_form.then(|| format!("{}_file", self.path))
    }

    /// Every variable that sets this key to a value.
    pub(crate) fn env_names(&self) -> impl Iterator<Item = String> {
        [Some(self.env()), self.alias.map(str::to_owned)].into_iter().flatten()
    }

    /// Whether it can be in the config topic: not what is needed to read it, what would give its writers more rights, or what is a
    /// matter of one machine.
    pub(crate) fn in_topic(&self) -> bool {
        let never = OF_ONE_PROCESS.contains(&self.path) || DESTINATIONS.contains(&self.path);
        !self.local && !never && !BOOTSTRAP.contains(&self.section)
    }

    /// What is allowed, to follow "must be".
    pub(crate) fn allowed(&self) -> String {
        self.rule.describe(self.type_name)
    }
}

/// What the table says of one section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
}

/// `section: Struct { key: Type = default, rule => "ENV_ALIAS"; … }`, the doc comments being the documentation
/// of the key as well as of the field.
macro_rules! settings {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $struct:ident {$(
            $(#[doc = $doc:literal])+
            $key:ident: $type:ty = $default:literal $(, $rule:expr)? $(=> $alias:literal)?;
        )+}
    )+) => {
        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone)]
            #[non_exhaustive]
            pub struct $struct {$(
                $(#[doc = $doc])+
                pub $key: $type,
            )+}
        )+

        /// Every setting, with where each came from.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub struct Settings {
            $(
                $(#[doc = $section_doc])+
                pub $section: $struct,
            )+
            pub(crate) origins: std::collections::BTreeMap<&'static str, $crate::sources::Origin>,
        }

        impl Settings {
            /// Reads each key's value out of the sources, noting in `layers` what can't be used.
            pub(crate) fn from_layers(layers: &mut $crate::layers::Layers) -> Self {
                $(let $section = $struct {$(
                    $key: layers.value::<$type>(concat!(stringify!($section), ".", stringify!($key))),
                )+};)+
                Self { $($section,)+ origins: layers.origins() }
            }

            /// Takes over from settings that were loaded later whatever may change while the process runs.
            /// Returns the keys that differ, and need a restart.
            pub fn adopt(&self, fresh: &Self) -> Vec<&'static str> {
                let mut waiting = Vec::new();
                $($(
                    if !$crate::value::SettingType::adopt(&self.$section.$key, &fresh.$section.$key) {
                        waiting.push(concat!(stringify!($section), ".", stringify!($key)));
                    }
                )+)+
                waiting
            }

            /// The value of each key, secrets hidden.
            pub(crate) fn shown(&self) -> Vec<String> {
                vec![$($($crate::value::SettingType::shown(&self.$section.$key),)+)+]
            }
        }

        pub(crate) const SECTIONS: &[$crate::table::Section] = &[$(
            $crate::table::Section { name: stringify!($section), doc: concat!($($section_doc),+) },
        )+];

        pub(crate) const KEYS: &[$crate::table::Key] = &[$($(
            $crate::table::Key {
                path: concat!(stringify!($section), ".", stringify!($key)),
                section: stringify!($section),
                doc: concat!($($doc),+),
                type_name: <$type as $crate::value::SettingType>::NAME,
                default: concat!($default),
                rule: settings!(@rule $($rule)?),
                secret: <$type as $crate::value::SettingType>::SECRET,
                file_form: <$type as $crate::value::SettingType>::FILE_FORM,
                entries: <$type as $crate::value::SettingType>::ENTRIES,
                live: <$type as $crate::value::SettingType>::LIVE,
                local: <$type as $crate::value::SettingType>::LOCAL,
                alias: settings!(@alias $($alias)?),
            },
        )+)+];
    };
    (@rule) => { $crate::checks::Rule::Any };
    (@rule $rule:expr) => { $rule };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
}

pub(crate) use settings;
