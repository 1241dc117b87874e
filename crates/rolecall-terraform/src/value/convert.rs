//! stub
use super::Value;
use crate::hcl::Expression;
pub(crate) enum Type {
    Any,
}
impl Type {
    pub(crate) fn read(_: &Expression) -> Result<Self, String> {
        Ok(Self::Any)
    }
}
pub(crate) fn convert(value: Value, _: &Type) -> Result<Value, String> {
    Ok(value)
}
