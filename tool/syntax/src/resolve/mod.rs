//! Name resolution as far as syntax goes: imports, package-level names, lexical scopes, and types named by
//! full import path.
//!
//! ```
//! use weave_syntax::resolve::{Binding, FileScope, Imports, PackageScope, Signature};
//! use weave_syntax::{Node, parse};
//!
//! let src = b"package p
//! import \"net/http\"
//! type T struct{}
//! func (t *T) Do(r *http.Request, rest ...any) (_ []byte, err error) { http.Get(\"\"); http := 1; _ = http; return }
//! ";
//! let (tree, _) = parse(src);
//! let package = PackageScope::new("example.org/p", &[&tree]);
//! let imports = Imports::new(&tree, |_| None);
//!
//! let f = &tree.funcs()[0];
//! let signature = Signature::of(&tree, f, &imports, &package);
//! assert_eq!(signature.to_string(), "func(*net/http.Request, ...any) ([]uint8, error)");
//! assert_eq!(signature, Signature::parse("func(*net/http.Request, ...interface{}) ([]byte, error)").unwrap());
//!
//! let scope = FileScope::new(&tree, &imports, &package);
//! let call = tree.descendants(tree.root()).find_map(|n| match tree.node(n) {
//!     Node::Call(call) => Some(call),
//!     _ => None,
//! });
//! assert_eq!(scope.qualified(call.unwrap().fun), Some(("net/http", "Get")));
//! let uses = tree.descendants(tree.root()).filter(|&n| matches!(scope.binding(n), Some(Binding::Import(_))));
//! assert_eq!(uses.count(), 2); // the type of r, and the call
//! ```
mod embedded;
mod imports;
mod package;
mod scope;
mod types;
mod universe;

pub use embedded::Embedded;
pub use imports::{Imported, Imports, default_name};
pub use package::{Aliases, PackageDecl, PackageDeclKind, PackageScope};
pub use scope::{Binding, FileScope};
pub use types::{Dir, Elem, Method, Signature, StructField, Type, TypeError};
pub use universe::is_predeclared;
