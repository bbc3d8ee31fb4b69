package crash

import "sync"

// tap tells who waits of the n-th time that something happens.
type tap struct {
	mu      sync.Mutex
	left    int
	waiting chan struct{}
}

// after is closed at the n-th hit from now on.
func (t *tap) after(n int) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left, t.waiting = n, make(chan struct{})
	return t.waiting
}

// hit says that it happens.
func (t *tap) hit() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left == 0 {
		return
	}
	if t.left--; t.left == 0 {
		close(t.waiting)
	}
}
