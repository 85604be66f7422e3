// Package pages answers with the status of a process: as pages for people, and as JSON for programs.
//
// Each page is made of components: functions that return a node of the page. What a cluster gave them, they hand on as text or as the
// value of an attribute, which gomponents escapes, or as a part of an [address]; nothing of it is ever written as it is. Templates would
// do that as well, but they find methods by names that only the running program knows, so that the linker has to keep every method of
// every type: 26 MB of them.
package pages
