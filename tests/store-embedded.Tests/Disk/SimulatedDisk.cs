using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>What the store asks of its directory.</summary>
internal enum DiskStep
{
    Create,
    Write,
    Sync,
    Rename,
    Delete,
    SyncDirectory,
}

/// <summary>
/// A directory in memory that knows what is durable: contents after a flush of the file, names after a flush of the directory. A test may
/// make any step fail, limit the space, or cut the power.
/// </summary>
internal sealed class SimulatedDisk : IStoreFiles
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedFile> _names = [];
    private readonly Dictionary<string, SimulatedFile> _durableNames = [];
    private int _steps;

    /// <summary>Called before each step with the file's name; what it throws is the step's failure.</summary>
    public Action<DiskStep, string>? BeforeStep { get; set; }

    /// <summary>Files can grow to so many bytes together.</summary>
    public long Space { get; set; } = long.MaxValue;

    /// <summary>The power goes off at this step; the step is not done.</summary>
    public int PowerFailsAt { get; set; } = int.MaxValue;

    /// <summary>How many steps were asked for.</summary>
    public int Steps => Volatile.Read(ref _steps);

    public IReadOnlyList<string> List()
    {
        lock (_gate)
        {
            return [.. _names.Keys];
        }
    }

    public IStoreFile Create(string name)
    {
        Step(DiskStep.Create, name);
        lock (_gate)
        {
            var file = new SimulatedFile();
            _names.Add(name, file);
            return new OpenFile(this, name, file);
        }
    }

    public IStoreFile Open(string name)
    {
        lock (_gate)
        {
            return new OpenFile(this, name, _names[name]);
        }
    }

    public void Rename(string from, string to)
    {
        Step(DiskStep.Rename, from);
        lock (_gate)
        {
            Assert.True(_names.Remove(from, out var file), $"{from} does not exist");
            _names[to] = file;
        }
    }

    public void Delete(string name)
    {
        Step(DiskStep.Delete, name);
        lock (_gate)
        {
            _names.Remove(name);
        }
    }

    public void SyncDirectory()
    {
        Step(DiskStep.SyncDirectory, ".");
        lock (_gate)
        {
            _durableNames.Clear();
            foreach (var (name, file) in _names)
            {
                _durableNames.Add(name, file);
            }
        }
    }

    /// <summary>The content of a file, to look at or to change behind the store's back.</summary>
    public byte[] this[string name]
    {
        get
        {
            lock (_gate)
            {
                return _names[name].Content;
            }
        }

        set
        {
            lock (_gate)
            {
                _names[name] = SimulatedFile.Of(value);
            }
        }
    }

    /// <summary>The same disk under a process that was killed and started again: whatever was written is there.</summary>
    public SimulatedDisk AfterKill()
    {
        lock (_gate)
        {
            var after = new SimulatedDisk();
            var copies = new Dictionary<SimulatedFile, SimulatedFile>();
            foreach (var (name, file) in _names)
            {
                after._names.Add(name, copies[file] = new SimulatedFile(file));
            }

            foreach (var (name, file) in _durableNames)
            {
                after._durableNames.Add(name, copies.TryGetValue(file, out var copy) ? copy : copies[file] = new SimulatedFile(file));
            }

            return after;
        }
    }

    /// <summary>The disk after a loss of power: flushed is there, and of the rest what chance has it.</summary>
    public SimulatedDisk AfterPowerLoss(Func<bool> arrives)
    {
        lock (_gate)
        {
            var after = new SimulatedDisk();
            foreach (var (name, file) in arrives() ? _names : _durableNames)
            {
                after[name] = file.AfterPowerLoss(arrives);
            }

            after.SyncDirectory();
            return after;
        }
    }

    private void Step(DiskStep step, string name)
    {
        if (Interlocked.Increment(ref _steps) >= PowerFailsAt)
        {
            throw new PowerLostException();
        }

        BeforeStep?.Invoke(step, name);
    }

    private void RequireSpace(SimulatedFile file, long end)
    {
        var used = Math.Max(0, end - file.Content.Length);
        foreach (var other in _names.Values)
        {
            used += other.Content.Length;
        }

        if (used > Space)
        {
            throw new IOException("no space left", DiskFull.NoSpace);
        }
    }

    private sealed class OpenFile(SimulatedDisk disk, string name, SimulatedFile file) : IStoreFile
    {
        public long Length
        {
            get
            {
                lock (disk._gate)
                {
                    return file.Content.Length;
                }
            }
        }

        public int Read(Span<byte> target, long position)
        {
            lock (disk._gate)
            {
                var source = file.Content.AsSpan((int)Math.Min(position, file.Content.Length));
                source = source[..Math.Min(source.Length, target.Length)];
                source.CopyTo(target);
                return source.Length;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            disk.Step(DiskStep.Write, name);
            lock (disk._gate)
            {
                if (position + bytes.Length > file.Content.Length)
                {
                    disk.RequireSpace(file, position + bytes.Length);
                }

                file.Write(bytes, position);
            }
        }

        public void Sync()
        {
            disk.Step(DiskStep.Sync, name);
            lock (disk._gate)
            {
                file.Sync();
            }
        }

        public void Dispose()
        {
        }
    }
}
