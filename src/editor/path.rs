//! Where in a scenario something stands, written as error messages write it: `nodes[2].health_check.fall`.

use understudy_sim::json::Json;

/// The steps of a path: names of fields, and places in lists as `[2]`.
pub fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').flat_map(|part| {
        let (name, places) = part.split_at(part.find('[').unwrap_or(part.len()));
        let places = places.split_inclusive(']');
        std::iter::once(name).filter(|name| !name.is_empty()).chain(places)
    })
}

fn place(step: &str) -> Option<usize> {
    step.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// What stands at a path.
pub fn get<'a>(value: &'a Json, path: &str) -> Option<&'a Json> {
    steps(path).try_fold(value, |value, step| match (value, place(step)) {
        (Json::List(items), Some(place)) => items.get(place),
        (value, None) => value.field(step),
        _ => None,
    })
}

/// Puts something at a path, or takes away what is there. Objects on the way are made.
pub fn set(value: &mut Json, path: &str, new: Option<Json>) {
    let all: Vec<&str> = steps(path).collect();
    put(value, &all, new);
}

fn put(value: &mut Json, path: &[&str], new: Option<Json>) {
    let Some((step, rest)) = path.split_first() else {
        if let Some(new) = new {
            *value = new;
        }
        return;
    };
    if let Some(place) = place(step) {
        let Json::List(items) = value else { return };
        if place >= items.len() {
            return;
        }
        if rest.is_empty() && new.is_none() {
            items.remove(place);
        } else {
            put(&mut items[place], rest, new);
        }
        return;
    }
    if !matches!(value, Json::Object(_)) {
        *value = Json::Object(Vec::new());
    }
    let Json::Object(fields) = value else { return };
    let found = fields.iter().position(|(name, _)| name == step);
    match (found, new) {
        (Some(found), None) if rest.is_empty() => {
            fields.remove(found);
        }
        (Some(found), new) => put(&mut fields[found].1, rest, new),
        (None, None) => {}
        (None, Some(new)) => {
            let mut made = Json::Object(Vec::new());
            put(&mut made, rest, Some(new));
            fields.push(((*step).into(), made));
        }
    }
}

/// Whether `path` is `whole` or leads to a part of it.
pub fn is_in(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole)
        .is_some_and(|rest| whole.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_fields_and_places() {
        let mut value =
            Json::parse(r#"{ "rules": [{ "for": "5s" }, { "when": { "a": 1 } }] }"#).expect("JSON");
        assert_eq!(steps("rules[1].when.a").collect::<Vec<_>>(), ["rules", "[1]", "when", "a"]);
        assert_eq!(get(&value, "rules[1].when.a"), Some(&Json::Number(1.0)));
        assert_eq!(get(&value, "rules[2].when"), None);
        set(&mut value, "rules[0].for", Some(Json::Text("9s".into())));
        set(&mut value, "made.on.the.way", Some(Json::Bool(true)));
        set(&mut value, "rules[1]", None);
        set(&mut value, "not.there", None);
        let right = r#"{ "rules": [{ "for": "9s" }], "made": { "on": { "the": { "way": true } } } }"#;
        assert_eq!(value, Json::parse(right).expect("JSON"));
    }

    #[test]
    fn a_part_is_in_the_whole_and_a_longer_name_is_not() {
        assert!(is_in("rules[1].for", "rules") && is_in("fall", "fall") && is_in("fall", ""));
        assert!(!is_in("timeouts", "timeout") && !is_in("fall", "health_check"));
    }
}
