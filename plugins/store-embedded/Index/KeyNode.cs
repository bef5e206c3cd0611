namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>A key and its versions, newest first.</summary>
internal sealed class KeyNode(string key)
{
    public string Key { get; } = key;

    /// <summary>The newest version; replaced by writes, under the index's lock.</summary>
    public KeyVersion? Newest { get; set; }

    /// <summary>The version a reader at a revision sees; null if the key did not exist then.</summary>
    public KeyVersion? At(long revision)
    {
        var version = Newest;
        while (version is not null && version.ModRevision > revision)
        {
            version = version.Older;
        }

        return version?.Value is null ? null : version;
    }
}
