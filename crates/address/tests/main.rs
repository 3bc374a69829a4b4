//! Addresses as people, programs and strangers write them.

mod addresses;
mod strangers;
