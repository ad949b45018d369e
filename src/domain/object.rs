//! Reads a field that is an object by the names of its fields. Refuses a list in their order,
//! which would do as well where nobody looks.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// Reads an object.
///
/// # Errors
/// When it is anything else, or a field is not what it should be.
pub fn object<'de, T, D>(input: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    input.deserialize_map(Fields(PhantomData))
}

/// Reads an object, or nothing where null stands.
///
/// # Errors
/// When it is anything else, or a field is not what it should be.
pub fn object_or_null<'de, T, D>(input: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Whole<T>(T);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Whole<T> {
        fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
            object(input).map(Self)
        }
    }
    let read = Option::<Whole<T>>::deserialize(input)?;
    Ok(read.map(|Whole(read)| read))
}
