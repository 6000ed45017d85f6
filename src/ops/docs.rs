//! Documents beside the API: the OpenAPI document, Swagger UI from this binary alone (no page, font or
//! validator of another host), and the public keys.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, ETag, EntityTag, LOCATION};
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpResponse, web};
use serde_json::json;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;

/// What Swagger UI may load: itself and this service.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'";

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let settings = Config::new(["/v1/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .display_request_duration(true)
        .filter(true)
        .validator_url("none");
    config
        .route("/", web::get().to(to_docs))
        .route("/docs", web::get().to(to_docs))
        .route("/v1/openapi.json", web::get().to(openapi))
        .route("/.well-known/jwks.json", web::get().to(public_keys))
        .service(
            web::scope("")
                .wrap(DefaultHeaders::new().add((CONTENT_SECURITY_POLICY, POLICY)))
                .service(SwaggerUi::new("/docs/{_:.*}").config(settings)),
        );
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// The document as text made once; it changes only with the build.
async fn openapi(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(ETag(EntityTag::new_strong(env!("CARGO_PKG_VERSION").to_owned())))
        .body(app.document)
}

/// The keys that sign access tokens, as a JWK set (RFC 7517, RFC 8037), the current one first.
async fn public_keys(app: web::Data<App>) -> HttpResponse {
    let keys = app.tokens.public_keys().into_iter();
    let keys: Vec<_> = keys
        .map(|(kid, x)| json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x}))
        .collect();
    HttpResponse::Ok().json(json!({"keys": keys}))
}
