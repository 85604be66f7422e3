// Package controllertest puts a controller through the contract of package controllers. Whoever writes one adds a test of
// three lines, in this repository or in another:
//
//	func TestContract(t *testing.T) {
//		controllertest.Run(t, mine.Descriptor, object, anotherObject)
//	}
//
// [Run] has a subtest for each sentence of the contract. It gives the controller a fake API server that holds the objects,
// runs it for two terms, and looks at what it called, left behind and exported. Objects on which the controller has something
// to do make the test worth more: its rules are judged by the calls that it made.
//
// What a controller reads of pods is judged by what it does when they lack what its descriptor doesn't declare, or have something else
// there: give it pods that differ in what it goes by. [Disguise] does the same for tests of what a controller decides.
//
// All of it happens in bubbles of [testing/synctest], so that a term of a minute takes milliseconds. A controller that talks
// to more than the API server must be given fakes that don't leave the bubble: connections of package net do. For the same
// reason a test that calls Run calls neither t.Parallel nor synctest.Test.
//
// Flags keep their defaults. To test with other values, pass a function that returns a descriptor whose AddFlags sets them.
//
// For a controller's own tests, [Env] makes what New wants, on the same fakes.
package controllertest
