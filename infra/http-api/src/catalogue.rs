//! What can go wrong before a request reaches its handler, each with a stable code and a page.

use axum::http::StatusCode;

/// One kind of error: what its page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDoc {
    /// The stable code, such as `PT-0004`.
    pub code: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// What happened, in a line.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What the caller can do.
    pub remedy: &'static str,
}

/// The codes of errors that any address can answer with. Rules of the domain have their own, from `PT-1001` on.
pub mod codes {
    /// The body is not JSON.
    pub const MALFORMED_BODY: &str = "PT-0001";
    /// A field of the body is missing, unknown or not of its type.
    pub const INVALID_FIELD: &str = "PT-0002";
    /// A part of the path or of the query string is not valid.
    pub const INVALID_PARAMETER: &str = "PT-0003";
    /// No such address.
    pub const NO_SUCH_ADDRESS: &str = "PT-0004";
    /// The address does not take the method.
    pub const METHOD_NOT_ALLOWED: &str = "PT-0005";
    /// The body is too large.
    pub const BODY_TOO_LARGE: &str = "PT-0006";
    /// The body is of another media type.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "PT-0007";
    /// A header is not valid.
    pub const INVALID_HEADER: &str = "PT-0008";
    /// The body came too slowly.
    pub const BODY_TOO_SLOW: &str = "PT-0009";
    /// Too many requests are under way.
    pub const OVERLOADED: &str = "PT-0010";
    /// A defect of the server.
    pub const INTERNAL: &str = "PT-0011";
    /// The resource is at another version.
    pub const PRECONDITION_FAILED: &str = "PT-0012";
    /// Something the server depends on is away.
    pub const UNAVAILABLE: &str = "PT-0013";
    /// The address is right, but what is asked for isn't there.
    pub const NOT_FOUND: &str = "PT-0014";
    /// The caller takes no media type that the address has.
    pub const NOT_ACCEPTABLE: &str = "PT-0015";
    /// No credentials, or none that are good.
    pub const UNAUTHENTICATED: &str = "PT-0016";
    /// Good credentials, but not for this.
    pub const FORBIDDEN: &str = "PT-0017";
    /// The caller has used up what it may ask for in this time.
    pub const TOO_MANY_REQUESTS: &str = "PT-0018";
    /// The service behind the gateway broke off.
    pub const BAD_GATEWAY: &str = "PT-0019";
    /// The service behind the gateway took too long.
    pub const GATEWAY_TIMEOUT: &str = "PT-0020";
}

/// The pages of [`codes`].
pub const HTTP_ERRORS: &[ErrorDoc] = &[
    doc(
        codes::MALFORMED_BODY,
        StatusCode::BAD_REQUEST,
        "The request body is not valid JSON",
        "The body could not be read as JSON at all; the detail has line and column.",
        "Send one JSON value, in UTF-8.",
    ),
    doc(
        codes::INVALID_FIELD,
        StatusCode::BAD_REQUEST,
        "A field of the request body is not valid",
        "The body is JSON, but a field is missing, unknown, or not of its type. Each entry of `errors` has a JSON \
         pointer to one.",
        "Compare the field with the OpenAPI document.",
    ),
    doc(
        codes::INVALID_PARAMETER,
        StatusCode::BAD_REQUEST,
        "A parameter is not valid",
        "A part of the path or of the query string is missing, unknown, or not of its type.",
        "Compare the parameter with the OpenAPI document.",
    ),
    doc(
        codes::NO_SUCH_ADDRESS,
        StatusCode::NOT_FOUND,
        "There is nothing at this address",
        "No route has this path.",
        "Look the path up in the OpenAPI document; commands and queries are served by different APIs.",
    ),
    doc(
        codes::METHOD_NOT_ALLOWED,
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not take this method",
        "The path is known, but not with this method.",
        "Use one of the methods in the `Allow` header.",
    ),
    doc(
        codes::BODY_TOO_LARGE,
        StatusCode::PAYLOAD_TOO_LARGE,
        "The request body is too large",
        "The body has more bytes than this address takes.",
        "Send less at once; many commands go through the NDJSON stream, one a line.",
    ),
    doc(
        codes::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The request body is not of a type this address takes",
        "The `Content-Type` header is missing, or names a type this address does not read.",
        "Send the type that the detail names.",
    ),
    doc(
        codes::INVALID_HEADER,
        StatusCode::BAD_REQUEST,
        "A header is not valid",
        "A header that this address reads is not in its standard form.",
        "Write the header as the detail says.",
    ),
    doc(
        codes::BODY_TOO_SLOW,
        StatusCode::REQUEST_TIMEOUT,
        "The request body came too slowly",
        "The body had not arrived in full within the time that a request may take.",
        "Send the request again.",
    ),
    doc(
        codes::OVERLOADED,
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many requests are under way",
        "The server serves as many requests at once as it is set to, and does not queue more.",
        "Send the request again after the seconds in `Retry-After`.",
    ),
    doc(
        codes::INTERNAL,
        StatusCode::INTERNAL_SERVER_ERROR,
        "The server failed",
        "The request met a defect of the server.",
        "Report it with the `request_id`; the server's log has a line with the same id.",
    ),
    doc(
        codes::PRECONDITION_FAILED,
        StatusCode::PRECONDITION_FAILED,
        "The resource is at another version",
        "`If-Match` names a version that the resource does not have: somebody else changed it.",
        "Read the resource, look at what changed, and send the request again with its `ETag`.",
    ),
    doc(
        codes::UNAVAILABLE,
        StatusCode::SERVICE_UNAVAILABLE,
        "The service can't answer now",
        "Something the server depends on does not answer or can't keep up.",
        "Send the request again after the seconds in `Retry-After`, with the same `Idempotency-Key`.",
    ),
    doc(
        codes::NOT_FOUND,
        StatusCode::NOT_FOUND,
        "What is asked for is not there",
        "The address is right, but nothing is known under this id or number; perhaps not yet, for views follow the \
         commands with a short delay.",
        "Check the id or number. After a command of your own, ask for a shipment with `min_version` set to the version \
         that the command was answered with: the read then waits for it.",
    ),
    doc(
        codes::NOT_ACCEPTABLE,
        StatusCode::NOT_ACCEPTABLE,
        "The answer is not to be had in this media type",
        "The `Accept` header names only types that this address does not write.",
        "Name the type that the detail names in the `Accept` header, or leave the header out.",
    ),
    doc(
        codes::UNAUTHENTICATED,
        StatusCode::UNAUTHORIZED,
        "Who calls isn't known",
        "The call takes credentials, and there were none, or none that are good: unknown, expired, revoked, or meant for \
         another audience.",
        "Send an API key or a token as `Authorization: Bearer …`. `parceltrack keys create` makes a key; a token is had \
         anew from its issuer.",
    ),
    doc(
        codes::FORBIDDEN,
        StatusCode::FORBIDDEN,
        "The caller may not do this",
        "The credentials are good, but their role or their customers don't allow what is asked for.",
        "Look the call up in docs/security.md, and ask an admin for a key with a role that may.",
    ),
    doc(
        codes::TOO_MANY_REQUESTS,
        StatusCode::TOO_MANY_REQUESTS,
        "Too many requests from this caller",
        "A caller may send so many requests of each kind in a time; the `RateLimit` headers say how many are left.",
        "Send the request again after the seconds in `Retry-After`.",
    ),
    doc(
        codes::BAD_GATEWAY,
        StatusCode::BAD_GATEWAY,
        "The service behind the gateway broke off",
        "The gateway reached a service, which ended the connection before it had answered. What was asked for may have \
         happened.",
        "Send the request again, a command with the same `Idempotency-Key`: it has an effect once.",
    ),
    doc(
        codes::GATEWAY_TIMEOUT,
        StatusCode::GATEWAY_TIMEOUT,
        "The service behind the gateway took too long",
        "No answer came within the time that this kind of call may take. What was asked for may have happened.",
        "Send the request again, a command with the same `Idempotency-Key`: it has an effect once.",
    ),
];

const fn doc(
    code: &'static str,
    status: StatusCode,
    title: &'static str,
    meaning: &'static str,
    remedy: &'static str,
) -> ErrorDoc {
    ErrorDoc { code, status: status.as_u16(), title, meaning, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_none_is_used_twice() {
        let codes: Vec<_> = HTTP_ERRORS.iter().map(|doc| doc.code).collect();
        let expected: Vec<_> = (1..=codes.len()).map(|n| format!("PT-{n:04}")).collect();
        assert_eq!(codes, expected);
    }
}
