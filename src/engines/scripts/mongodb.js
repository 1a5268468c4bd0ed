// Makes the replica set, and one database's login. Run twice, or two at once, it changes
// nothing. Names and passwords are JavaScript texts here, and never part of the code.
const env = process.env;
const members = env.SERVER_MEMBERS.split(',');
const user = `${encodeURIComponent(env.ADMIN_USERNAME)}:${encodeURIComponent(env.ADMIN_PASSWORD)}`;
const options = 'authSource=admin&serverSelectionTimeoutMS=30000';

// Codes of the server (mongodb/mongo, error_codes.yml).
const ALREADY_INITIALIZED = 23;
const NOT_YET_INITIALIZED = 94;
const USER_EXISTS = 51003;
const USER_NOT_FOUND = 11;

function initiate() {
    const first = connect(`mongodb://${user}@${members[0]}/admin?directConnection=true&${options}`);
    try {
        first.adminCommand({ replSetGetStatus: 1 });
        return;
    } catch (error) {
        if (error.code !== NOT_YET_INITIALIZED) throw error;
    }
    const config = {
        _id: env.SERVER_NAME,
        members: members.map((host, index) => ({ _id: index, host })),
    };
    try {
        first.adminCommand({ replSetInitiate: config });
    } catch (error) {
        if (error.code !== ALREADY_INITIALIZED) throw error;
    }
}

// A set of one that shall be of three: its new members are empty and know of nobody. Each is
// added by itself, for a set takes one voting member at a time, and counts it (since version
// 5) only once it has a copy of the data.
function grow(set) {
    const admin = set.getSiblingDB('admin');
    const read = () => admin.adminCommand({ replSetGetConfig: 1 }).config;
    for (const host of members) {
        const config = read();
        if (config.members.some((member) => member.host === host)) continue;
        const last = Math.max(...config.members.map((member) => member._id));
        config.members.push({ _id: last + 1, host });
        config.version += 1;
        admin.adminCommand({ replSetReconfig: config });
        settle(admin);
    }
}

// What is still on its way after these minutes the next try of the Job finds.
function settle(admin) {
    for (let tries = 0; tries < 60; tries += 1) {
        const { config, commitmentStatus } = admin.adminCommand({
            replSetGetConfig: 1,
            commitmentStatus: true,
        });
        if (commitmentStatus && !config.members.some((member) => member.newlyAdded)) return;
        sleep(2000);
    }
}

function login(database, name, password) {
    const account = {
        pwd: password,
        roles: [{ role: 'dbOwner', db: env.DATABASE_NAME }],
    };
    try {
        database.runCommand({ createUser: name, ...account });
    } catch (error) {
        if (error.code !== USER_EXISTS) throw error;
        database.runCommand({ updateUser: name, ...account });
    }
}

function cut(database, name) {
    try {
        database.runCommand({ dropUser: name });
    } catch (error) {
        if (error.code !== USER_NOT_FOUND) throw error;
    }
}

if (!env.ADMIN_URI) initiate();
const set = env.ADMIN_URI
    ? connect(env.ADMIN_URI.trim())
    : connect(`mongodb://${user}@${members.join(',')}/admin?replicaSet=${env.SERVER_NAME}&${options}`);
if (!env.ADMIN_URI) grow(set);
const database = set.getSiblingDB(env.DATABASE_NAME);
login(database, env.DATABASE_USERNAME, env.DATABASE_PASSWORD);
// The login that is not in use: a rotation makes it before it is, keeps it while somebody
// may still have it, and then drops it.
const [a, b] = [`${env.DATABASE_OWNER}_a`, `${env.DATABASE_OWNER}_b`];
const other = env.DATABASE_USERNAME === b ? a : b;
if (env.OTHER_LOGIN === 'set') login(database, other, env.OTHER_PASSWORD);
if (env.OTHER_LOGIN === 'cut') cut(database, other);
print(`the database ${env.DATABASE_NAME} is ready for ${env.DATABASE_USERNAME}`);
