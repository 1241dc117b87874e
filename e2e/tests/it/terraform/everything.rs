//! Every resource that the local AWS has, in one root of our own, and providers that assume roles.
