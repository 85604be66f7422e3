// Package deployment rolls out what each Deployment asks for by creating and scaling ReplicaSets: a drop-in for the loop of that
// name in kube-controller-manager.
//
// A reconcile goes observe → plan → apply. observe gathers what the caches hold and what this term remembers; plan, in files by
// concept (claim, rolling, recreate, proportional, rollback, revision, cleanup, progress, status), decides and does no I/O; apply
// carries out the decision and decides nothing.
package deployment
