//! The published document as the judge of every request: 400 if and only if the schema is broken.
//!
//! At start-up each operation's parameters and body are compiled from the OpenAPI document that is served,
//! so the document cannot promise one thing and the service check another.

use std::collections::HashMap;

use actix_web::http::Method;
use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};

use crate::auth::permissions::Action;
use crate::error::{FieldError, Place, Text, text};
use crate::http::document::PDF;

/// The document's address inside the compiled schemas.
const BASE: &str = "urn:shared-office:openapi";

/// Everything the gate must know about the operations of the document.
pub struct Contract {
    operations: HashMap<(String, Method), Operation>,
    /// `GET, POST` for each path, as the `Allow` header wants it.
    allow: HashMap<String, String>,
}

/// One operation of the document.
pub struct Operation {
    pub id: String,
    pub action: Action,
    pub public: bool,
    /// `If-Match` must be sent.
    pub needs_if_match: bool,
    /// The answer is a form as a PDF, not JSON.
    pub prints: bool,
    /// The parameters by place: `path`, `query`, `header`.
    path: Parameters,
    query: Parameters,
    headers: Parameters,
    pub body: Option<Body>,
    /// The answer is an attached file of whatever kind it is.
    pub answers_file: bool,
}

/// What an operation takes.
pub enum Body {
    Json {
        required: bool,
        schema: Validator,
    },
    /// The bytes of a file, in one of these media types.
    File {
        media_types: Vec<String>,
    },
}

/// All parameters of one place, as one object schema.
struct Parameters {
    kinds: HashMap<String, Kind>,
    schema: Validator,
}

/// How the text of a parameter is read before the schema sees it.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Boolean,
    TextList,
}

/// A document that the service cannot serve; told at start-up.
#[derive(Clone, Debug)]
pub struct BadDocument(pub String);

impl std::fmt::Display for BadDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the OpenAPI document cannot be served: {}", self.0)
    }
}

impl std::error::Error for BadDocument {}

impl Contract {
    /// Compiles the document.
    ///
    /// # Errors
    /// When an operation names no known action or a schema cannot be compiled.
    pub fn compile(document: &Value) -> Result<Self, BadDocument> {
        let mut root = document.clone();
        if let Some(root) = root.as_object_mut() {
            root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        }
        let registry = Registry::new()
            .add(BASE, root)
            .and_then(|registry| registry.prepare())
            .map_err(|error| BadDocument(error.to_string()))?;
        let compiler = Compiler { registry: &registry };
        let mut operations = HashMap::new();
        let mut allow: HashMap<String, Vec<String>> = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
                let name = format!("{method} {path}");
                let compiled = compiler
                    .operation(operation)
                    .map_err(|error| BadDocument(format!("{name}: {}", error.0)))?;
                let methods = allow.entry(path.clone()).or_default();
                if method == Method::GET {
                    methods.push("HEAD".to_owned());
                }
                methods.push(method.to_string());
                operations.insert((path.clone(), method), compiled);
            }
        }
        let allow = allow
            .into_iter()
            .map(|(path, mut methods)| {
                methods.push("OPTIONS".to_owned());
                methods.sort();
                (path, methods.join(", "))
            })
            .collect();
        Ok(Self { operations, allow })
    }

    pub fn find(&self, path: &str, method: &Method) -> Option<&Operation> {
        self.operations.get(&(path.to_owned(), method.clone()))
    }

    /// The methods of a path, or nothing for a path that the document does not have.
    pub fn allow(&self, path: &str) -> Option<&str> {
        self.allow.get(path).map(String::as_str)
    }
}

struct Compiler<'a> {
    registry: &'a Registry<'a>,
}

impl Compiler<'_> {
    fn operation(&self, operation: &Value) -> Result<Operation, BadDocument> {
        let action = operation["x-action"].as_str().unwrap_or_default();
        let action = Action::parse(action)
            .ok_or_else(|| BadDocument(format!("x-action {action:?} is no action of the permission page")))?;
        let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
        let needs_if_match = parameters.iter().any(|p| p["name"] == "If-Match" && p["required"] == true);
        let body = match operation.get("requestBody") {
            None => None,
            Some(body) if is_file(&body["content"]) => {
                let media_types = body["content"].as_object().into_iter().flatten();
                Some(Body::File { media_types: media_types.map(|(name, _)| name.clone()).collect() })
            }
            Some(body) => {
                let schema = body["content"]
                    .as_object()
                    .and_then(|content| content.values().next())
                    .map(|media| media["schema"].clone())
                    .unwrap_or_default();
                Some(Body::Json { required: body["required"] == true, schema: self.schema(schema)? })
            }
        };
        Ok(Operation {
            id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
            action,
            public: operation["security"].as_array().is_some_and(|security| security.contains(&json!({}))),
            needs_if_match,
            prints: prints(&operation["responses"]["200"]["content"]),
            path: self.parameters(&parameters, "path")?,
            query: self.parameters(&parameters, "query")?,
            headers: self.parameters(&parameters, "header")?,
            body,
            answers_file: answers_file(&operation["responses"]["200"]["content"]),
        })
    }

    fn parameters(&self, all: &[&Value], place: &str) -> Result<Parameters, BadDocument> {
        let mut kinds = HashMap::new();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for parameter in all.iter().filter(|parameter| parameter["in"] == place) {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let schema = &parameter["schema"];
            // A missing If-Match is answered with 428 by the gate, not with 400 here.
            if parameter["required"] == true && name != "If-Match" {
                required.push(name.clone());
            }
            kinds.insert(name.clone(), Kind::of(schema));
            properties.insert(name, absolute(schema.clone()));
        }
        let schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": place == "header",
        });
        Ok(Parameters { kinds, schema: self.schema(schema)? })
    }

    fn schema(&self, schema: Value) -> Result<Validator, BadDocument> {
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .with_registry(self.registry)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(&absolute(schema))
            .map_err(|error| BadDocument(error.to_string()))
    }
}

/// Whether a content is a form to print: a PDF and nothing else.
pub(crate) fn prints(content: &Value) -> bool {
    let alone = content.as_object().is_some_and(|all| all.len() == 1);
    alone && !content[PDF].is_null()
}

/// Whether a content is bytes; the document says so with the format `binary`.
pub(crate) fn is_file(content: &Value) -> bool {
    content.as_object().into_iter().flatten().any(|(_, media)| media["schema"]["format"] == "binary")
}

fn answers_file(content: &Value) -> bool {
    is_file(content) && !prints(content)
}

/// References are made absolute, since each schema is compiled outside the document.
fn absolute(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(target) if name == "$ref" && target.starts_with('#') => {
                        *target = format!("{BASE}{target}");
                    }
                    other => *other = absolute(other.take()),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = absolute(item.take())),
        _ => {}
    }
    schema
}

impl Kind {
    fn of(schema: &Value) -> Self {
        let is = |name: &str| match &schema["type"] {
            Value::String(kind) => kind == name,
            Value::Array(kinds) => kinds.iter().any(|kind| kind == name),
            _ => false,
        };
        if is("array") {
            Self::TextList
        } else if is("integer") {
            Self::Integer
        } else if is("boolean") {
            Self::Boolean
        } else {
            Self::Text
        }
    }

    fn read(self, text: &str) -> Value {
        match self {
            // A text that is no number stays a text, and the schema says so.
            Self::Integer => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
            Self::Boolean => text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth)),
            Self::Text | Self::TextList => json!(text),
        }
    }
}

impl Operation {
    /// Reads the query as typed values and collects what breaks the schema.
    pub fn read_query<'a>(
        &self,
        pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
        broken: &mut Vec<FieldError>,
    ) -> Value {
        self.query.read(pairs, broken)
    }

    pub fn read_path<'a>(
        &self,
        pairs: impl Iterator<Item = (&'a str, &'a str)>,
        broken: &mut Vec<FieldError>,
    ) {
        self.path.read(pairs.map(|(name, value)| (name.into(), value.into())), broken);
    }

    pub fn read_headers<'a>(&self, get: impl Fn(&str) -> Option<&'a str>, broken: &mut Vec<FieldError>) {
        let names: Vec<&String> = self.headers.kinds.keys().collect();
        let pairs =
            names.iter().filter_map(|name| get(name).map(|value| (name.as_str().into(), value.into())));
        self.headers.read(pairs, broken);
    }
}

impl Parameters {
    fn read<'a>(
        &self,
        pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
        broken: &mut Vec<FieldError>,
    ) -> Value {
        let mut values = Map::new();
        for (name, raw) in pairs {
            let kind = self.kinds.get(name.as_ref()).copied().unwrap_or(Kind::Text);
            let value = kind.read(&raw);
            match values.get_mut(name.as_ref()) {
                Some(Value::Array(list)) => list.push(value),
                // A parameter that is no list, given twice, becomes one: the schema refuses it.
                Some(first) => *first = json!([first.take(), value]),
                None if matches!(kind, Kind::TextList) => {
                    values.insert(name.into_owned(), json!([value]));
                }
                None => {
                    values.insert(name.into_owned(), value);
                }
            }
        }
        let values = Value::Object(values);
        let found = errors(&self.schema, &values).into_iter().map(|(pointer, code, detail)| FieldError {
            place: Place::Parameter(
                pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned(),
            ),
            code,
            detail,
        });
        broken.extend(found);
        values
    }
}

impl Body {
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// Everything in a JSON body that breaks the schema.
    pub fn errors(&self, body: &Value) -> Vec<FieldError> {
        let Self::Json { schema, .. } = self else { return Vec::new() };
        let found = errors(schema, body);
        found
            .into_iter()
            .map(|(pointer, code, detail)| FieldError { place: Place::Body(pointer), code, detail })
            .collect()
    }
}

/// Every error with the place it is about: a missing or unknown member is named itself, not its object.
fn errors(schema: &Validator, value: &Value) -> Vec<(String, &'static str, Text)> {
    let mut all = Vec::new();
    for error in schema.iter_errors(value).take(100) {
        collect(&error, &mut all);
    }
    all
}

fn collect(error: &jsonschema::ValidationError<'_>, all: &mut Vec<(String, &'static str, Text)>) {
    use jsonschema::error::ValidationErrorKind as Kind;
    let at = error.instance_path().to_string();
    match error.kind() {
        // An object that may be null: what is wrong with the object is worth telling, not that it is not null.
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            let is_null = |branch: &[jsonschema::ValidationError<'static>]| {
                branch.iter().any(|error| {
                    matches!(error.kind(), Kind::Type { .. }) && *error.instance_path().as_str() == *at
                })
            };
            match context.iter().find(|branch| !is_null(branch)) {
                Some(branch) => branch.iter().for_each(|error| collect(error, all)),
                None => all.push((at, "type", text("sai kiểu dữ liệu", "has the wrong type"))),
            }
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            all.push((format!("{at}/{name}"), "required", text("bắt buộc phải có", "is required")));
        }
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                let unknown = text("không phải trường được hỗ trợ", "is not known here");
                all.push((format!("{at}/{name}"), "unknown", unknown));
            }
        }
        kind => {
            let (code, detail) = explain(kind, &error.to_string());
            all.push((at, code, detail));
        }
    }
}

fn explain(kind: &jsonschema::error::ValidationErrorKind, english: &str) -> (&'static str, Text) {
    use jsonschema::error::ValidationErrorKind as Kind;
    match kind {
        Kind::Enum { options } => {
            ("not_allowed", text(format!("phải là một trong {options}"), format!("must be one of {options}")))
        }
        Kind::Format { format } => {
            let shape = match format.as_str() {
                "date-time" => {
                    "date-time with its offset, e.g. 2026-03-15T07:00:00+07:00 (in an address + is %2B)"
                }
                "date" => "date, e.g. 2026-03-15",
                other => other,
            };
            ("format", text(format!("không đúng dạng {shape}"), format!("is not a valid {shape}")))
        }
        Kind::Pattern { pattern } => {
            ("pattern", text(format!("phải khớp mẫu {pattern}"), format!("must match {pattern}")))
        }
        Kind::MaxLength { limit } => {
            ("too_long", text(format!("tối đa {limit} ký tự"), format!("at most {limit} characters")))
        }
        Kind::MinLength { limit } => {
            ("too_short", text(format!("tối thiểu {limit} ký tự"), format!("at least {limit} characters")))
        }
        Kind::MaxItems { limit } => {
            ("too_many", text(format!("tối đa {limit} phần tử"), format!("at most {limit} items")))
        }
        Kind::MinItems { limit } => {
            ("too_few", text(format!("tối thiểu {limit} phần tử"), format!("at least {limit} items")))
        }
        Kind::Minimum { limit } => {
            ("too_small", text(format!("không nhỏ hơn {limit}"), format!("must be {limit} or more")))
        }
        Kind::Maximum { limit } => {
            ("too_large", text(format!("không lớn hơn {limit}"), format!("must be {limit} or less")))
        }
        Kind::MinProperties { limit } => (
            "empty",
            text(format!("phải có ít nhất {limit} trường"), format!("must have at least {limit} member")),
        ),
        Kind::Type { kind } => {
            let wanted = format!("{kind:?}").to_lowercase();
            let wanted: String = wanted.chars().filter(|c| c.is_ascii_lowercase() || *c == ' ').collect();
            let wanted = wanted.trim_start_matches("single").trim_start_matches("multiple");
            (
                "type",
                text(
                    format!("sai kiểu dữ liệu, cần {wanted}"),
                    format!("has the wrong type, {wanted} is wanted"),
                ),
            )
        }
        // The library's English sentence quotes the value, so it must not be long.
        _ => ("schema", text("không đúng lược đồ", english.chars().take(200).collect::<String>())),
    }
}
