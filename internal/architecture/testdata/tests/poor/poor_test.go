package poor

const c = 3
