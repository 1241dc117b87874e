//! Nothing: the benchmarks are in `benches/`, so that their dependencies are built for them alone.
