// Package good says what it is.
package good
