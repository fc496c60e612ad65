//! What the settings say of each kind of call.

use std::time::Duration;

use auth::Class;
use settings::keys::Gateway;

/// How long a request may take at each step: until its body has come, and until an answer begins or goes on.
pub(crate) fn timeout(settings: &Gateway, class: Class) -> Duration {
    Duration::from_millis(match class {
        Class::Command => settings.timeout_ms_command.now(),
        Class::Read | Class::Track => settings.timeout_ms_read.now(),
        Class::List => settings.timeout_ms_list.now(),
        Class::Control => settings.timeout_ms_control.now(),
        Class::Console => settings.timeout_ms_console.now(),
        Class::CommandStream | Class::Live => settings.idle_ms.now(),
    })
}

/// Requests that one caller may make in a minute.
pub(crate) fn rate(settings: &Gateway, class: Class) -> u64 {
    match class {
        Class::Command => &settings.rate_command,
        Class::CommandStream => &settings.rate_command_stream,
        Class::Read => &settings.rate_read,
        Class::List => &settings.rate_list,
        Class::Live => &settings.rate_live,
        Class::Track => &settings.rate_track,
        Class::Control => &settings.rate_control,
        Class::Console => &settings.rate_console,
    }
    .now()
}

/// Bytes that a request's body may have; none where there is no end to it.
pub(crate) fn max_body(settings: &Gateway, class: Class) -> Option<u64> {
    match class {
        Class::Command => Some(settings.max_body_bytes_command.now()),
        Class::CommandStream => None,
        Class::Control => Some(settings.max_body_bytes_control.now()),
        Class::Console => Some(settings.max_body_bytes_console.now()),
        Class::Read | Class::List | Class::Live | Class::Track => Some(settings.max_body_bytes_track.now()),
    }
}

/// Whether a call goes on as long as the caller likes.
pub(crate) fn is_endless(class: Class) -> bool {
    matches!(class, Class::CommandStream | Class::Live)
}
