//! Services that more than one test brings up.

/// Two services, of which one has a database and the other needs the first.
pub const API_AND_WEB: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
---
name: web
version: 1.0.0
image: web:1
dependencies: [{name: api}]
";

/// Two services that know nothing of each other, of which one has a database.
pub const API_BESIDE_WEB: &str = "
name: api
version: 1.0.0
image: api:1
databases: [{name: data, type: postgresql, version: '16'}]
---
name: web
version: 1.0.0
image: web:1
";
