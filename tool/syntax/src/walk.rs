//! Walking a tree without recursion.
use crate::{NodeId, Tree};

/// A step of a [`Walk`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Before the children of a node.
    Enter(NodeId),
    /// After the children of a node.
    Leave(NodeId),
}

/// Enter and leave events of a subtree, in source order. See [`Tree::walk`].
#[derive(Clone, Debug)]
pub struct Walk<'t, 's> {
    tree: &'t Tree<'s>,
    /// Events still to come, last first; `true` for a leave event.
    todo: Vec<(NodeId, bool)>,
    /// The node entered last, whose children are not in `todo` yet.
    entered: Option<NodeId>,
}

impl Walk<'_, '_> {
    /// Leaves out the children of the node entered last; its leave event still comes. Without effect after a
    /// leave event.
    pub fn skip_children(&mut self) {
        self.entered = None;
    }
}

impl Iterator for Walk<'_, '_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if let Some(id) = self.entered.take() {
            let mark = self.todo.len();
            self.tree.each_child(id, |child| self.todo.push((child, false)));
            self.todo[mark..].reverse();
        }
        let (id, leave) = self.todo.pop()?;
        if leave {
            return Some(Event::Leave(id));
        }
        self.todo.push((id, true));
        self.entered = Some(id);
        Some(Event::Enter(id))
    }
}

/// The nodes of a subtree, parents before children, in source order. See [`Tree::descendants`].
#[derive(Clone, Debug)]
pub struct Descendants<'t, 's> {
    tree: &'t Tree<'s>,
    todo: Vec<NodeId>,
    last: Option<NodeId>,
}

impl Descendants<'_, '_> {
    /// Leaves out the children of the node given last.
    pub fn skip_children(&mut self) {
        self.last = None;
    }
}

impl Iterator for Descendants<'_, '_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if let Some(id) = self.last.take() {
            let mark = self.todo.len();
            self.tree.each_child(id, |child| self.todo.push(child));
            self.todo[mark..].reverse();
        }
        self.last = self.todo.pop();
        self.last
    }
}

impl<'s> Tree<'s> {
    /// Enter and leave events of `id` and everything below it. [`Walk::skip_children`] skips a subtree.
    #[must_use]
    pub fn walk(&self, id: NodeId) -> Walk<'_, 's> {
        Walk { tree: self, todo: vec![(id, false)], entered: None }
    }

    /// `id` and everything below it, parents first. [`Descendants::skip_children`] skips a subtree.
    #[must_use]
    pub fn descendants(&self, id: NodeId) -> Descendants<'_, 's> {
        Descendants { tree: self, todo: vec![id], last: None }
    }

    /// The direct children in source order.
    #[must_use]
    pub fn children(&self, id: NodeId) -> Vec<NodeId> {
        let mut children = Vec::new();
        self.each_child(id, |child| children.push(child));
        children
    }

    /// The parent of every node, by [`NodeId::index`]; `None` for the root and for indices that are no node of
    /// the tree.
    #[must_use]
    pub fn parents(&self) -> Vec<Option<NodeId>> {
        let mut parents = vec![None; self.node_count()];
        for id in self.descendants(self.root()) {
            self.each_child(id, |child| parents[child.index()] = Some(id));
        }
        parents
    }
}
