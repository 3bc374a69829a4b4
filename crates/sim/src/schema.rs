//! A JSON Schema (draft 2020-12) of the scenario file, generated from the types that read it.
//!
//! It says which words and shapes a file may have. Whether the numbers and links make sense together is for
//! [`Plan::build`](crate::Plan::build) to say.

use alloc::string::String;

use schemars::generate::SchemaSettings;

use crate::scenario::Scenario;

/// The schema as a JSON text with a line break at its end.
pub fn text() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Scenario>();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}
