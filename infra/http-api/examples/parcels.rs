//! A whole API in one file: `cargo run --release -p http-api --example parcels`, then open
//! <http://127.0.0.1:8099/docs>.

use http_api::{Api, EntityTag, JsonBody, Limits, PathParams, Problem, Routes, ServerLimits, codes, serve};
use serde::Deserialize;
use serde_json::{Value, json};
use telemetry::{Readiness, shutdown};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parcel {
    grams: u32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _writing = telemetry::logs::init(telemetry::logs::Format::Text, "info")?;
    let shutdown = shutdown::on_signals()?;
    let limits = Limits { max_in_flight: 64, max_body_bytes: 64 * 1024 };
    let router = Api::new(routes().with_state(()), limits, document(), Readiness::new()).into_router();
    Ok(serve("127.0.0.1:8099".parse()?, router, ServerLimits::default(), shutdown).await?)
}

fn routes() -> Routes {
    Routes::new().post("/parcels", register).get("/parcels/{number}", read)
}

async fn register(JsonBody(parcel): JsonBody<Parcel>) -> Result<String, Problem> {
    if parcel.grams == 0 {
        return Err(Problem::invalid_field("/grams", "must be above zero"));
    }
    Ok(format!("a parcel of {} g", parcel.grams))
}

async fn read(PathParams(number): PathParams<u64>) -> Result<([(&'static str, String); 1], String), Problem> {
    if number > 100 {
        return Err(Problem::http(codes::NO_SUCH_ADDRESS).detail("there are parcels 0 to 100"));
    }
    Ok(([("etag", EntityTag::of_version(number).to_string())], format!("parcel {number}")))
}

fn document() -> Value {
    let problem = json!({"$ref": "#/components/responses/Problem"});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Parcels", "version": "1"},
        "paths": {
            "/parcels": {"post": {
                "operationId": "register",
                "summary": "Register a parcel.",
                "requestBody": {"content": {"application/json": {
                    "schema": {"type": "object", "properties": {"grams": {"type": "integer"}}, "required": ["grams"]},
                    "examples": {"small": {"value": {"grams": 250}}}
                }}},
                "responses": {"200": {"description": "Registered."}, "default": problem}
            }},
            "/parcels/{number}": {
                "parameters": [
                    {"name": "number", "in": "path", "required": true, "schema": {"type": "integer"}, "example": 7}
                ],
                "get": {
                    "operationId": "read",
                    "summary": "Read a parcel.",
                    "responses": {"200": {"description": "It."}, "default": problem}
                }
            }
        }
    })
}
