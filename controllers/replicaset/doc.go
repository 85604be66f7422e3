// Package replicaset keeps as many pods alive as each ReplicaSet asks for: a drop-in for the loop of that name in
// kube-controller-manager.
//
// A reconcile goes observe → plan → apply. observe gathers what the caches hold and what this term remembers; plan, in files by
// concept (claim, scale, rank, storm, status), decides and does no I/O; apply carries out the decision and decides nothing.
package replicaset
