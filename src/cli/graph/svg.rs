//! The picture as SVG, laid out as Graphviz would.

use layout::backends::svg::SVGWriter;
use layout::gv::{DotParser, GraphBuilder};

/// Draws what is written in Graphviz' language. `None` where that cannot be read, which a test
/// of what is written excludes.
pub(super) fn svg(dot: &str) -> Option<String> {
    let graph = DotParser::new(dot).process().ok()?;
    let mut builder = GraphBuilder::new();
    builder.visit_graph(&graph);
    let mut writer = SVGWriter::new();
    builder.get().do_it(false, false, false, &mut writer);
    Some(writer.finalize())
}
