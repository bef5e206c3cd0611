namespace Modular.Kernel;

/// <summary>A selection of one resource's objects: a namespace, labels and fields. Immutable.</summary>
internal sealed class ObjectSelector
{
    private const string NameField = "metadata.name";
    private const string NamespaceField = "metadata.namespace";

    private readonly FieldCondition[] _fields;

    private ObjectSelector(string ns, LabelSelector labels, FieldCondition[] fields, string? name)
    {
        Namespace = ns;
        Labels = labels;
        _fields = fields;
        Name = name;
    }

    /// <summary>Empty for all namespaces.</summary>
    public string Namespace { get; }

    /// <summary>The only name selected; null for any.</summary>
    public string? Name { get; }

    /// <summary>The labels asked for.</summary>
    public LabelSelector Labels { get; }

    /// <summary>True if nothing but the namespace narrows the selection.</summary>
    public bool TakesWholeNamespace => Labels.MatchesEverything && _fields.Length == 0;

    /// <summary>Reads the selectors of a request in whatever version it speaks; fields are looked for in the stored objects.</summary>
    /// <exception cref="ApiException">BadRequest: a selector cannot be read, or asks for a field that the kind does not offer.</exception>
    public static ObjectSelector Parse(RequestTarget target, string labels, string fields) =>
        Parse(target.Definition, target.Version?.Definition ?? target.Definition, target.Request.Namespace, labels, fields);

    /// <summary>Reads selectors of a kind that is stored as it is.</summary>
    /// <exception cref="ApiException">BadRequest: a selector cannot be read, or asks for a field that the kind does not offer.</exception>
    public static ObjectSelector Parse(ResourceDefinition definition, string ns, string labels, string fields) => Parse(definition, definition, ns, labels, fields);

    private static ObjectSelector Parse(ResourceDefinition stored, ResourceDefinition served, string ns, string labels, string fields)
    {
        var labelSelector = LabelSelector.Parse(labels);
        var requirements = FieldSelector.Parse(fields).Requirements;
        var conditions = new FieldCondition[requirements.Count];
        string? name = null;
        for (var i = 0; i < conditions.Length; i++)
        {
            var requirement = requirements[i];
            conditions[i] = new FieldCondition(IndexOf(stored, served, requirement.Field), requirement.Value, requirement.Negated);
            if (conditions[i] is { Field: FieldCondition.Name, Negated: false })
            {
                name = requirement.Value;
            }
        }

        return new ObjectSelector(ns, labelSelector, conditions, name);
    }

    /// <summary>The selectable field that must have one exact value, if the selection says one.</summary>
    public bool TryGetExactField(out int field, out string value)
    {
        foreach (var condition in _fields)
        {
            if (condition.Field >= 0 && !condition.Negated)
            {
                field = condition.Field;
                value = condition.Value;
                return true;
            }
        }

        field = -1;
        value = "";
        return false;
    }

    /// <summary>The same selection within one namespace.</summary>
    public ObjectSelector In(string ns) => ns == Namespace ? this : new ObjectSelector(ns, Labels, _fields, Name);

    /// <summary>Whether an object is selected. Allocates nothing.</summary>
    public bool Matches(CachedObject candidate)
    {
        if (Namespace.Length > 0 && candidate.Object.Metadata.Namespace != Namespace)
        {
            return false;
        }

        foreach (var condition in _fields)
        {
            if (!condition.Holds(candidate))
            {
                return false;
            }
        }

        return Labels.MatchesEverything || Labels.Matches(candidate.Object.Metadata.Labels);
    }

    private static int IndexOf(ResourceDefinition stored, ResourceDefinition served, string field)
    {
        if (field is NameField or NamespaceField)
        {
            return field == NameField ? FieldCondition.Name : FieldCondition.Namespace;
        }

        foreach (var known in served.SelectableFields)
        {
            if (known.Path == field)
            {
                return IndexOf(stored, known);
            }
        }

        throw new ApiException(StatusReason.BadRequest, $"field label not supported: {field}");
    }

    // What a kind offers in one of its versions is read from the same place in the stored one, whatever it is called there.
    private static int IndexOf(ResourceDefinition stored, SelectableField known)
    {
        var fields = stored.SelectableFields;
        for (var i = 0; i < fields.Count; i++)
        {
            if (ReferenceEquals(fields[i], known))
            {
                return i;
            }
        }

        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].ValuePath == known.ValuePath)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"The stored version of {stored.Kind} offers nothing at {known.ValuePath}.");
    }

    private readonly record struct FieldCondition(int Field, string Value, bool Negated)
    {
        public const int Name = -1;
        public const int Namespace = -2;

        public bool Holds(CachedObject candidate)
        {
            var actual = Field switch
            {
                Name => candidate.Object.Metadata.Name,
                Namespace => candidate.Object.Metadata.Namespace,
                _ => candidate.Fields[Field],
            };
            return (actual == Value) != Negated;
        }
    }
}
