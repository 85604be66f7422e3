// Package manager is the life of a process that hosts controllers: it builds them, fills their caches, runs them in terms of
// leadership, starts again what fails, says how each of them is doing, and shuts down in order.
//
// A [Manager] is made by [New] and lives through one call of [Manager.Run].
package manager
