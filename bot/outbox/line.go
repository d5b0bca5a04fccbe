package outbox

import "container/heap"

// line is one order of waiting: the most urgent first, then the earliest.
type line struct {
	queue jobs
	wake  chan struct{}
}

// push puts a job into its line; the outbox is locked.
func (l *line) push(j *job) {
	heap.Push(&l.queue, j)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// next takes the first of a line, nil when nobody waits.
func (o *Outbox) next(l *line) *job {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	return heap.Pop(&l.queue).(*job)
}

// exchange puts a job back and takes the first.
func (o *Outbox) exchange(l *line, j *job) *job {
	o.mu.Lock()
	defer o.mu.Unlock()
	heap.Push(&l.queue, j)
	return heap.Pop(&l.queue).(*job)
}

// jobs is a heap.
type jobs []*job

func (q jobs) Len() int { return len(q) }
func (q jobs) Less(i, j int) bool {
	if q[i].m.Urgency != q[j].m.Urgency {
		return q[i].m.Urgency > q[j].m.Urgency
	}
	return q[i].seq < q[j].seq
}
func (q jobs) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *jobs) Push(x any)   { *q = append(*q, x.(*job)) }
func (q *jobs) Pop() any {
	old := *q
	j := old[len(old)-1]
	*q = old[:len(old)-1]
	return j
}
