//! Fuel: norms, prices, refuels, monthly statements, and the claim that is made from them.

use serde_json::from_str;
use shared_office::split::split_by_weight;

use crate::support::Value;

/// Worked examples of the office's rules.
fn vectors(operation: &str) -> Vec<Value> {
    let all: Vec<Value> = from_str(include_str!("fuel_vectors.json")).unwrap();
    all.into_iter().filter(|row| row["operation"] == operation).collect()
}

#[test]
fn a_cost_is_split_as_the_examples_say() {
    let rows = vectors("split_by_weight");
    assert_eq!(rows.len(), 7);
    for row in rows {
        let weights: Vec<i64> =
            row["input"]["weights"].as_array().unwrap().iter().map(|one| one.as_i64().unwrap()).collect();
        let parts = split_by_weight(row["input"]["total_vnd"].as_i64().unwrap(), &weights);
        let expected: Vec<i64> = row["expected"]["parts_vnd"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_i64().unwrap())
            .collect();
        assert_eq!(parts, expected, "{}", row["id"]);
    }
}
