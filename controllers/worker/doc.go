// Package worker is the keyed work loop that controllers are made of: events name keys, a queue holds each key once, and a
// number of workers call one reconcile function for one key at a time.
//
// The caller builds a [Worker] with [New], connects informers to it with [Worker.Handler] (or calls [Worker.Add] from a
// handler of its own), and calls [Worker.Run] for each term. Between terms the queue is empty, if the caller can name all
// keys, or goes on collecting.
//
// What the loop promises:
//
//   - No two workers hold the same key at once. A key that is added while a worker holds it is reconciled once more.
//   - A key is never lost: it is reconciled until reconcile returns no error, or, where MaxRetries is set, until that many
//     retries have failed; then it is logged and counted as dropped. A key whose reconcile the end of a term cut short is
//     reconciled in the next term.
//   - Live events go ahead of the initial list, resyncs and retries, which still get a fixed share of the turns.
//   - Namespaces take turns: a namespace with 100,000 keys in the queue keeps another's key of the same priority back by one
//     reconcile.
//   - Failed keys are tried again after 5 ms, doubled with each failure, up to 30 s. An event that names a key brings it back at
//     once, failing or not, as with client-go's queue.
//   - A panic in reconcile is an error of that key, with its stack in the log, and touches no other key.
//
// client-go's workqueue gives the first of these. It can't end a term without shutting the queue down, and it is first in,
// first out over all namespaces, which is why the queue here is another one; its metrics bear the names that
// kube-controller-manager gives them.
package worker
