// The growth of the heap is measured, and it is the whole process's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
