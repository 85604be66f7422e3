// Package controllers is the contract between a controller and the process that hosts it.
//
// Whoever writes a controller provides a function Descriptor() that returns a [Descriptor]. The host then, in this order,
//
//  1. lets AddFlags add the controller's flags to the command line, and parses it;
//  2. chooses controllers by name with [Select];
//  3. calls New once for each of them. New registers event handlers on the informers of [Env]; it starts nothing and sends
//     nothing. Every error of New ends the process, so New is the place to check the values of flags: a [FlagError] says
//     which one is wrong;
//  4. starts the informers, and waits until those that the controller asked for hold what the API server has;
//  5. calls Run for each term of leadership, and only while nobody else is seen to do the controller's work, if it has a [Canary].
//     Terms of one controller never overlap.
//
// A controller keeps five promises, and package controllertest checks them: it is documented, New starts nothing, Run ends
// all that it started and can be called again, Rules cover every call that it makes, and Pods what it reads of pods.
package controllers
