package rich

const c = 1
