"""Steps and pipelines as plain functions: `@steppe.step`, `@steppe.pipeline`. Above the engine, beside notebooks."""
